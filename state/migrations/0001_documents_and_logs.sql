-- The first schema. It is read by SQLite and by PostgreSQL (whose database must have the C collation, so that
-- names sort by their bytes in both).

-- Documents of the services, as JSON below key columns. kind comes first: a service reads all of a kind at start.
CREATE TABLE documents (
    kind   TEXT NOT NULL,
    scope  TEXT NOT NULL, -- ACCOUNT/REGION
    parent TEXT NOT NULL, -- '' at the top
    id     TEXT NOT NULL,
    doc    TEXT NOT NULL,
    PRIMARY KEY (kind, scope, parent, id)
);

-- The last number given out of each kind. A number is never given out again, also not after its row was deleted.
CREATE TABLE sequences (
    name TEXT   NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
);
INSERT INTO sequences (name, last) VALUES ('log_groups', 0), ('log_streams', 0);

CREATE TABLE log_groups (
    id                  BIGINT  NOT NULL PRIMARY KEY,
    account             TEXT    NOT NULL,
    region              TEXT    NOT NULL,
    name                TEXT    NOT NULL,
    class               TEXT    NOT NULL,
    retention_days      INTEGER NOT NULL, -- 0: events never expire
    kms_key             TEXT    NOT NULL, -- '' without one
    deletion_protection INTEGER NOT NULL, -- 0 or 1
    tags                TEXT    NOT NULL, -- a JSON object
    created_at          BIGINT  NOT NULL, -- milliseconds since 1970, as every time here
    UNIQUE (account, region, name)
);

CREATE TABLE log_streams (
    id             BIGINT NOT NULL PRIMARY KEY,
    group_id       BIGINT NOT NULL REFERENCES log_groups (id),
    name           TEXT   NOT NULL,
    created_at     BIGINT NOT NULL,
    first_event    BIGINT NOT NULL, -- -1 in these three: no event yet, so such streams sort as the oldest
    last_event     BIGINT NOT NULL,
    last_ingestion BIGINT NOT NULL,
    UNIQUE (group_id, name)
);
CREATE INDEX log_streams_by_last_event ON log_streams (group_id, last_event, name);
