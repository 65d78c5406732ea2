"""Large shops: the models are trained on a sample of the customers, and everyone is scored."""

import duckdb
import sql_models
from shop import Shop

CAP = 150


def training_customers(customers: int) -> list[tuple]:
    connection = duckdb.connect()
    connection.execute(
        f"create table int_orders as select 'c' || range as customer_id from range({customers})"
    )
    sql_models.run(connection, "int_training_customers", max_training_customers=CAP)
    return connection.execute("from int_training_customers order by all").fetchall()


def test_a_sample_is_drawn_beyond_the_limit_alone():
    assert len(training_customers(150)) == 150
    assert len(training_customers(151)) == 150
    # who comes later may push somebody out, but draws nobody anew
    assert len(set(training_customers(210)) & set(training_customers(201))) >= 140


def test_everyone_is_scored_by_models_trained_on_a_sample(tmp_path_factory, small_sample):
    shop = Shop(tmp_path_factory.mktemp("large"))
    shop.build("--vars", f"max_training_customers: {CAP}", raw=small_sample)
    customers, segments, chances, scores = shop.row(
        "select count(*), count(segment_key), count(order_probability), count(rfm_cell) from marts.customers"
    )
    assert customers == segments == chances == scores > CAP
    # RFM groups stand in for clusters here, so that nobody's next segment is predicted
    new, interests = shop.row(
        "select count(*), count(category_of_interest_key) from marts.new_customers"
    )
    assert new == interests > 0
    tested = shop.row(
        "select count(distinct customer_id), count(distinct model) from quality.holdout_predictions"
    )
    assert 0 < tested[0] <= CAP and tested[1] >= 3
