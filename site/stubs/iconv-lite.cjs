// Stands in the bundle for iconv-lite (500 KB of tables). mysql2 asks it only for what Node does not know itself, which
// for this site is the "cesu8" of MySQL's utf8mb3: names of columns and servers, where UTF-8 means the same.
// https://dev.mysql.com/doc/refman/9.7/en/charset-unicode-utf8mb3.html
const coder = (name, write) => {
  if (name !== 'cesu8') throw new Error(`site: character set ${name} is not in the bundle`);
  return { write, end: () => undefined };
};

module.exports = {
  getDecoder: (name) => coder(name, (bytes) => bytes.toString('utf8')),
  getEncoder: (name) => coder(name, (text) => Buffer.from(text, 'utf8')),
};
