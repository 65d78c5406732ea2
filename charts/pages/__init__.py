"""One page a pair of files. A page has TITLE, QUESTION and body(data): data.NAME are the rows of the
query NAME in the .sql file of the same name, data.build what build they are of."""
