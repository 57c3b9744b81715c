-- How old what a replica applies just now is, in seconds: 0 when it has applied all it received.
SET @lag = (SELECT COALESCE(MAX(TIMESTAMPDIFF(SECOND, APPLYING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP, NOW(6))), 0)
  FROM performance_schema.replication_applier_status_by_worker WHERE APPLYING_TRANSACTION <> '');
