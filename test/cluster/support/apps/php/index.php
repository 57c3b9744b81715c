<?php
// Front controller of a trial: keeps notes in the database, and says how the request arrived.
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
$db = mysqli_init();
$db->options(MYSQLI_OPT_CONNECT_TIMEOUT, 5);
$db->ssl_set(null, null, getenv('MYSQL_ATTR_SSL_CA'), null, null);
$db->real_connect(getenv('DB_HOST'), getenv('DB_USERNAME'), getenv('DB_PASSWORD'), getenv('DB_DATABASE'), 3306, null, MYSQLI_CLIENT_SSL);
$db->query('CREATE TABLE IF NOT EXISTS notes (id BIGINT AUTO_INCREMENT PRIMARY KEY, text VARCHAR(200))');
if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    $db->execute_query('INSERT INTO notes (text) VALUES (?)', [file_get_contents('php://input')]);
}
header('Content-Type: application/json');
echo json_encode([
    'uri' => $_SERVER['REQUEST_URI'],
    'script' => $_SERVER['SCRIPT_NAME'],
    'query' => $_GET,
    'https' => $_SERVER['HTTPS'] ?? '',
    'host' => $_SERVER['HTTP_HOST'],
    'address' => $_SERVER['REMOTE_ADDR'],
    'notes' => array_column($db->query('SELECT text FROM notes ORDER BY id')->fetch_all(), 0),
]);
