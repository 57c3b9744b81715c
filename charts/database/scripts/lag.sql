-- Age in seconds of the transaction that a replica is applying: 0 when it has applied all it received.
SET @lag = (SELECT COALESCE(MAX(TIMESTAMPDIFF(SECOND, APPLYING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP, NOW(6))), 0)
  FROM performance_schema.replication_applier_status_by_worker WHERE APPLYING_TRANSACTION <> '');
