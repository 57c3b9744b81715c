/** Seconds after which a visitor of the maintenance page is asked to come back. */
export const RETRY_AFTER_SECONDS = 10;

/** What a visitor sees while no app server answers: a page of its own, without script, style or version. */
export const maintenancePage = (domain: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="${RETRY_AFTER_SECONDS}">
<title>Back in a moment</title>
<link rel="stylesheet" href="/static/app.css">
</head>
<body>
<main>
<h1>Back in a moment</h1>
<p>${domain} is being looked after. This page tries again by itself.</p>
</main>
</body>
</html>
`;
