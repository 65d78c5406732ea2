"""Packed files and encodings: read as the text inside, or refused with one sentence."""

import bz2
import gzip
import io
import lzma
import random
import zipfile

import pyarrow as pa
import pytest
from gift_shop.ingestion import packed
from gift_shop.ingestion.files import InputFileError

NAMES = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
LINES = [f"{n},CUP,TÉA CUP € 茶 𝄞,{n},12/1/2010 8:26,2.55,17850,France" for n in range(9_000)]
TEXT = "\n".join([NAMES, *LINES, ""])
NOISE = random.Random(3).randbytes(50_000).hex().encode()


def zipped(**members):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            target.writestr(name.replace("__dot__", ".").replace("__slash__", "/"), content)
    return archive.getvalue()


def zstd(content):
    return pa.compress(content, codec="zstd", asbytes=True)


PACKERS = {
    "plain": bytes,
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstd,
    "zip": lambda content: zipped(lines__dot__csv=content),
    "zip of a Mac": lambda content: zipped(
        folder__slash__lines__dot__csv=content,
        __MACOSX__slash__folder__slash__lines__dot__csv=b"rubbish",
        folder__slash____dot__DS_Store=b"rubbish",
    ),
}
ENCODINGS = {
    "UTF-8": TEXT.encode(),
    "UTF-16 LE": b"\xff\xfe" + TEXT.encode("utf-16-le"),
    "UTF-16 BE": b"\xfe\xff" + TEXT.encode("utf-16-be"),
    "UTF-16 LE without a mark": TEXT.encode("utf-16-le"),
    "UTF-16 BE without a mark": TEXT.encode("utf-16-be"),
}


def content_of(path):
    """All bytes, by the calls that the readers make."""
    with packed.open_bytes(path) as stream:
        head = stream.peek(4096)[:20]
        first = stream.readline(1 << 20)
        assert first.startswith(head)
        return first + b"".join(iter(lambda: stream.read(1 << 16), b""))


@pytest.fixture
def write(tmp_path):
    def write(content, name="lines.csv"):
        (tmp_path / name).write_bytes(content)
        return str(tmp_path / name)

    return write


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("packer", PACKERS)
def test_the_text_is_read_whatever_it_is_packed_in(write, packer, encoding):
    path = write(PACKERS[packer](ENCODINGS[encoding]))
    assert packed.file_kind(path) == "csv"
    assert content_of(path).decode() == TEXT


@pytest.mark.parametrize("packer", ["gzip", "bzip2", "xz", "zstd"])
def test_members_are_read_as_one(write, packer):
    pack = PACKERS[packer]
    assert content_of(write(pack(TEXT.encode()) + pack(b"and more"))).decode() == TEXT + "and more"


@pytest.mark.parametrize(
    ("packer", "harm"),
    [(packer, harm) for packer in ("gzip", "bzip2", "xz", "zip") for harm in ("short", "changed")]
    + [("zstd", "short")],  # Arrow writes no checksum
)
def test_a_damaged_file_is_said_to_be_so(write, packer, harm):
    whole = PACKERS[packer](NOISE)
    half = len(whole) // 2
    path = write(
        whole[:half] if harm == "short" else whole[:half] + bytes(99) + whole[half + 99 :],
        f"lines.{packer}",
    )
    with pytest.raises((InputFileError, *packed.UNREADABLE)) as caught:
        content_of(path)
    error = caught.value
    message = str(error if isinstance(error, InputFileError) else packed.explained(path, error))
    assert message.startswith(f"{path}: the compressed file is cut short or damaged (")
    assert message.endswith("). Copy or download it again.")


def with_a_password(content):
    """Set the flag of encryption of the only member, in its header and in the directory."""
    content = bytearray(content)
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "what", "remedy"),
    [
        (zipped(a__dot__csv=b"a", b__dot__csv=b"b"),
         "is a zip archive that holds 2 files (a.csv, b.csv)", "Unpack it and name the invoice file"),
        (zipped(**{f"f{n}": b"" for n in range(7)}), "holds 7 files (f0, f1, f2, f3, f4, ...)", "Unpack"),
        (zipped(), "is a zip archive that holds no file", "Unpack it and name"),
        (with_a_password(zipped(a=b"a")), "is a zip archive with a password", "Unpack it first"),
        (zipped(a=b"PAR1 and more"), "is a parquet file inside a zip file", "Unpack it first"),
        (gzip.compress(bz2.compress(b"a")), "is a bzip2 file inside a gzip file", "Unpack it first"),
        (zstd(zipped(a=b"a")), "is a zip file inside a zstd file", "Unpack it first"),
        (TEXT.encode("utf-32"), "is UTF-32 text", "Save it as CSV UTF-8"),
        (TEXT.encode("utf-32-le"), "is a binary file", "Give an invoice file: CSV"),
        (b"Rar!\x1a\x07\x01\x00", "is a RAR archive", "Unpack it first"),
    ],
)  # fmt: skip
def test_what_is_not_read_is_refused(write, content, what, remedy):
    path = write(content)
    with pytest.raises(InputFileError) as caught:
        packed.file_kind(path)
    assert f"{path}: {what}" in str(caught.value) or what in str(caught.value)
    assert remedy in str(caught.value)


def test_utf_16_that_is_cut_short_is_refused(write):
    path = write(TEXT.encode("utf-16")[:-1])
    with pytest.raises(
        InputFileError, match=r"UTF-16 text is cut short or damaged\. Save it as CSV"
    ):
        content_of(path)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b'{"a": 1}', "json"),
        (b'\xef\xbb\xbf\n [ {"a": 1}]', "json"),
        (b"[]", "json"),
        (b"[Order ID],[Date]", "csv"),
        (b"{Order},Date", "csv"),
        (b"BZh,is,a,name", "csv"),
        (b"PAR1", "parquet"),
        (b"PK\x03\x04 and no more", "zip"),
        (b"", "csv"),
    ],
)
def test_kinds(write, head, kind):
    assert packed.file_kind(write(head)) == kind


def test_a_workbook_stays_a_workbook(write):
    path = write(zipped(xl__slash__workbook__dot__xml=b"rubbish", b=b"", c=b""))
    assert packed.file_kind(path) == "zip"
