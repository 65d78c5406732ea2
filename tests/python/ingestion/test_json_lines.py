"""JSON records: read as text to the sign, every line somewhere, or one clear sentence."""

import duckdb
import pytest
from gift_shop.ingestion import json_lines, reader
from gift_shop.ingestion.files import SCRATCH, InputFileError
from gift_shop.ingestion.packed import open_bytes

SALE = (
    '{"InvoiceNo": 536365, "StockCode": "85123A", "Description": "T\\u00c9A", "Quantity": 6.0,'
    ' "InvoiceDate": "2010-12-01 08:26", "UnitPrice": 2.550, "CustomerID": "01", "Country": "France"}'
)
NOT_A_SALE = ("{broken", "5", '{"a": 1, "a": 2}')


@pytest.fixture
def records(tmp_path):
    """All rows of a text, as lists of texts, after the keys."""

    def records(text):
        path = tmp_path / "sales.jsonl"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        with open_bytes(str(path)) as stream:
            header, batches = json_lines.read_json_lines(str(path), stream)
            columns = [batch.columns for batch in batches]
        rows = [
            list(row)
            for batch in columns
            for row in zip(*(c.to_pylist() for c in batch), strict=True)
        ]
        return header, rows

    return records


def test_values_keep_their_texts(records):
    assert records(
        '{"a": 1.250, "b": true, "c": null, "d": 1e-05, "e": "", "f": 90071992547409931}'
    ) == (
        ["a", "b", "c", "d", "e", "f"],
        [["1.250", "true", None, "1e-05", None, "90071992547409931", None]],
    )


def test_keys_of_several_records_and_lines_that_are_none(records):
    header, rows = records("\n".join(['{"a": 1}', "", *NOT_A_SALE, '{"b": 2, "text": 3}', "", ""]))
    assert header == ["a", "b", "text"]
    assert rows == [
        ["1", None, None, None],
        [None, None, None, ""],
        *([None, None, None, text] for text in NOT_A_SALE),
        [None, "2", "3", None],
    ]


def test_an_array(records):
    assert records('\ufeff[\n {"a": 1},\n {"b": "x"}\n]\n') == (
        ["a", "b"],
        [["1", None, None], [None, "x", None]],
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1}\n{"a": {"b": 2}}', "line 2: 'a' holds an object, not one value"),
        ('[{"a": [1]}]', "record 1: 'a' holds an array, not one value"),
        (
            '{"a": 1}\n' * 1000 + '{"b": 1}',
            "record 1001 has the key 'b', which none of the first 1,000 has",
        ),
        ('[{"a": 1}, 5]', "element 2 of its array is no record"),
        ('[{"a": 1}', "is no JSON (Expecting ',' delimiter: line 1 column 10"),
        ("[]", "holds JSON but no records"),
        ("{\n}", "holds JSON but no records"),
    ],
)
def test_what_is_refused(records, text, message):
    with pytest.raises(InputFileError) as caught:
        records(text)
    assert message in str(caught.value)


def test_a_file_is_loaded_with_its_broken_lines(tmp_path):
    path = tmp_path / "sales.jsonl"
    path.write_text(f"{SALE}\n{{broken\n{SALE}\n")
    with duckdb.connect() as session:
        reader.create_scratch(session)
        (part,) = reader.load_files(session, [str(path)])
        rows = session.execute(
            f"select line_id, invoice_no, description, quantity, unit_price, customer_id, raw_text from {SCRATCH}"
        ).fetchall()
    sale = ("536365", "TÉA", "6.0", "2.550", "01", None)
    assert rows == [(1, *sale), (2, *[None] * 5, "{broken"), (3, *sale)]
    assert part.position(2) == "row 2"
