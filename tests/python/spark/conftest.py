"""Tests that need PySpark, which only the environment of `make test-spark` has."""

import os
import shutil

import pytest


@pytest.fixture(scope="session")
def spark():
    """A session with the settings of target spark, or a skip that says what is missing."""
    sql = pytest.importorskip("pyspark.sql", reason="PySpark is not installed: make test-spark")
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        missing = "Java 17 is not installed (apt-get install openjdk-17-jre-headless)"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    session = (
        sql.SparkSession.builder.master("local[2]")
        .config("spark.driver.memory", "2g")
        .config("spark.sql.ansi.enabled", "true")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.timestampType", "TIMESTAMP_NTZ")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )
    yield session
    session.stop()
