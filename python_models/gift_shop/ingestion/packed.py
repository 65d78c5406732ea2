"""The bytes of a file: which format they are of, unpacked and as UTF-8.

Everything is recognised by content, not by name, and read as a stream: a file that unpacks to more than
memory or disk holds is only as dangerous as that file unpacked.
"""

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from codecs import getincrementaldecoder
from io import BufferedReader
from typing import cast

import pyarrow as pa

from gift_shop.errors import InputFileError
from gift_shop.ingestion.files import DUCKDB_LETTERS, SQLITE_LETTERS, TABLE, problem

# bytes, unpacked, with read, readline and peek
Stream = BufferedReader | gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile | zipfile.ZipExtFile
# What the system and the unpackers raise; `explained` has words for them.
UNREADABLE = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
MAGIC = {
    b"\x1f\x8b": "gzip",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",  # of no file
}
BZIP2_BLOCKS = b"1AY&SY", b"\x17\x72\x45\x38\x50\x90"  # after BZh and a digit: data, or none
# Parts of a workbook, XLSX or another: calamine says what it is.
WORKBOOK_PARTS = ("[Content_Types].xml", "mimetype", "xl/workbook.xml")
# First bytes of what people hand in by mistake.
FOREIGN = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": (
        "is a password-protected workbook or an old .xls",
        "Save it as .xlsx without a password.",
    ),
    b"\xff\xfe\x00\x00": ("is UTF-32 text", "Save it as CSV UTF-8."),
    b"\x00\x00\xfe\xff": ("is UTF-32 text", "Save it as CSV UTF-8."),
    b"\x89PNG": ("is a picture (PNG)", ""),
    b"\xff\xd8\xff": ("is a picture (JPEG)", ""),
    b"GIF8": ("is a picture (GIF)", ""),
    b"BM": ("is a picture (BMP)", ""),
    b"II*\x00": ("is a picture (TIFF)", ""),
    b"MM\x00*": ("is a picture (TIFF)", ""),
    b"RIFF": ("is a picture or a sound (RIFF)", ""),
    b"%PDF": ("is a PDF document", ""),
    b"7z\xbc\xaf": ("is a 7-zip archive", "Unpack it first."),
    b"Rar!": ("is a RAR archive", "Unpack it first."),
}
WANTED = (
    "Give an invoice file: CSV or JSON lines, packed or not (gzip, zip, bzip2, xz, zstd),"
    " Parquet or XLSX."
)
MOST_NAMES = 5  # of an archive, in a message


class Utf16(io.RawIOBase):
    """A stream of UTF-16 read as UTF-8, without the byte order mark.

    Parameters
    ----------
    stream : Stream
        Closed with this one.
    encoding : str
        'utf-16-le' or 'utf-16-be'.
    path : str
        For the message.
    """

    def __init__(self, stream: Stream, encoding: str, path: str) -> None:
        self.stream, self.path = stream, path
        self.decoder = getincrementaldecoder(encoding)()
        self.ready = b""
        self.at_start = True

    def readable(self) -> bool:
        """Whether it can be read: it can."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer with what comes next, and say how much that is.

        Parameters
        ----------
        buffer : memoryview

        Returns
        -------
        int
            0 at the end.

        Raises
        ------
        InputFileError
            Where the bytes are no UTF-16.
        """
        while not self.ready:
            block = self.stream.read(len(buffer))
            try:
                text = self.decoder.decode(block, final=not block)
            except UnicodeDecodeError:
                raise problem(
                    self.path, "its UTF-16 text is cut short or damaged", "Save it as CSV UTF-8."
                ) from None
            if self.at_start and text:
                text, self.at_start = text.removeprefix("\ufeff"), False
            self.ready = text.encode()
            if not block:
                break
        taken, self.ready = self.ready[: len(buffer)], self.ready[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)

    def close(self) -> None:
        """Close the stream as well."""
        self.stream.close()
        super().close()


def open_bytes(path: str) -> Stream:
    """Open a file to read its bytes, unpacked and, where they are UTF-16, as UTF-8.

    Parameters
    ----------
    path : str

    Returns
    -------
    Stream
        The caller closes it.

    Raises
    ------
    InputFileError
        Where an archive does not hold exactly one file, or needs a password.
    OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile
        Where the file cannot be opened or unpacked.
    """
    stream = opened(path, packing(path))
    try:
        encoding = utf16(stream.peek(4096)[:4096])
    except BaseException:
        stream.close()
        raise
    return BufferedReader(Utf16(stream, encoding, path), 1 << 16) if encoding else stream


def packing(path: str) -> str:
    """How a file is packed: gzip, bzip2, xz, zstd or zip; '' for not at all, or a workbook.

    Parameters
    ----------
    path : str

    Returns
    -------
    str

    Raises
    ------
    InputFileError
        Where a .zip is damaged.
    OSError
        Where the file cannot be opened.
    """
    with open(path, "rb") as stream:
        found = packing_of(stream.read(10))
    if found != "zip":
        return found
    try:
        with zipfile.ZipFile(path) as archive:
            return "" if not set(archive.namelist()).isdisjoint(WORKBOOK_PARTS) else "zip"
    except zipfile.BadZipFile as error:
        if path.lower().endswith(".zip"):
            raise explained(path, error) from None
        return ""  # a broken workbook, says its reader


def packing_of(head: bytes) -> str:
    """How bytes are packed, by the first ten: a zip may be a workbook; '' for not at all."""
    if head.startswith(b"BZh") and head[4:].startswith(BZIP2_BLOCKS):
        return "bzip2"
    return next((kind for magic, kind in MAGIC.items() if head.startswith(magic)), "")


def opened(path: str, kind: str) -> Stream:
    """Open a file that is packed in this way.

    Parameters
    ----------
    path : str
    kind : str
        Of `packing`.

    Returns
    -------
    Stream
        Several members of gzip, bzip2, xz or zstd are read as one.

    Raises
    ------
    InputFileError, OSError
        As in open_bytes.
    """
    if kind == "gzip":
        return gzip.open(path)
    if kind == "bzip2":
        return bz2.open(path)
    if kind == "xz":
        return lzma.open(path)
    if kind == "zstd":
        return BufferedReader(pa.CompressedInputStream(pa.OSFile(path), "zstd"), 1 << 16)
    return only_member(path) if kind == "zip" else open(path, "rb")


def only_member(path: str) -> zipfile.ZipExtFile:
    """Open the one file of a zip archive; what a Mac adds does not count.

    Parameters
    ----------
    path : str

    Returns
    -------
    ZipExtFile

    Raises
    ------
    InputFileError
        Where there is none or several, it has a password, or is packed in a rare way.
    """
    with zipfile.ZipFile(path) as archive:
        members = [
            member
            for member in archive.infolist()
            if not member.is_dir()
            and not member.filename.startswith("__MACOSX/")
            and not member.filename.endswith(".DS_Store")
        ]
        if len(members) != 1:
            names = [member.filename for member in members]
            listed = ", ".join(names[:MOST_NAMES]) + ", ..." * (len(names) > MOST_NAMES)
            what = f"holds {len(names)} files ({listed})" if names else "holds no file"
            raise problem(
                path, f"is a zip archive that {what}", "Unpack it and name the invoice file."
            )
        if members[0].flag_bits & 1:
            raise problem(path, "is a zip archive with a password", "Unpack it first.")
        try:
            # the archive's file stays open as long as this
            return cast("zipfile.ZipExtFile", archive.open(members[0]))
        except NotImplementedError as error:
            raise problem(path, f"is packed in a rare way ({error})", "Unpack it first.") from None


def utf16(head: bytes) -> str:
    """The kind of UTF-16 that a text begins as, '' for another encoding.

    Without a byte order mark it is one where at least half of the signs are of Latin-1, whose second
    byte is zero, and no other byte is zero.
    """
    if head.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return ""
    marks = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
    if head[:2] in marks:
        return marks[head[:2]]
    zeros = head[0::2].count(0), head[1::2].count(0)
    if min(zeros) or 4 * max(zeros) < len(head) or not head:
        return ""
    return "utf-16-be" if zeros[0] else "utf-16-le"


def file_kind(path: str) -> str:
    """Which format a file is of, by its first bytes, unpacked.

    Parameters
    ----------
    path : str

    Returns
    -------
    str
        'csv', 'json', 'parquet', 'table' or 'zip' (a workbook).

    Raises
    ------
    InputFileError
        For anything known to be none of them.
    OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile
        Where the file cannot be read or unpacked.
    """
    if path.startswith(TABLE):
        return "table"
    packed = packing(path)
    with open_bytes(path) as stream:
        head = stream.peek(4096)[:4096]
    if head.startswith(SQLITE_LETTERS) or head[8:12] == DUCKDB_LETTERS:
        remedy = f"Name the table to read: RAW_INVOICES={TABLE}{path}/TABLE."
        raise problem(path, "is a database", remedy)
    kind = "parquet" if head.startswith(b"PAR1") else packing_of(head)
    if kind and packed:
        raise problem(path, f"is a {kind} file inside a {packed} file", "Unpack it first.")
    if kind:
        return kind
    for magic, (what, remedy) in FOREIGN.items():
        # A CSV may begin with BM: only two bytes, so they count with a zero byte near.
        if head.startswith(magic) and (magic != b"BM" or b"\x00" in head[:16]):
            raise problem(path, what, remedy or WANTED)
    if head.count(0) * 5 > len(head):
        raise problem(path, "is a binary file", WANTED)
    return "json" if is_json(head) else "csv"


def is_json(head: bytes) -> bool:
    """Whether a text begins as JSON: an object, or an array of them; a header may begin with [ too."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    first, then = text[:1], text[1:].lstrip()[:1]
    return first == b"{" and then in (b'"', b"}") or first == b"[" and then in (b"{", b"]")


def explained(path: str, error: Exception) -> InputFileError:
    """The clear error for what the system or the unpacker says about a file.

    Parameters
    ----------
    path : str
    error : Exception
        One of UNREADABLE.

    Returns
    -------
    InputFileError
    """
    if isinstance(error, PermissionError):
        return problem(path, "permission denied", "Give this user the right to read it.")
    # The system numbers its errors, an unpacker does not.
    if isinstance(error, OSError) and error.errno is not None:
        return problem(path, f"cannot be read ({error})", "Check the file and its disk.")
    return problem(
        path,
        f"the compressed file is cut short or damaged ({error})",
        "Copy or download it again.",
    )
