import { parseConfig } from '../../config';

test('a variable has the text that the file has, whatever YAML reads in it', () => {
  const text = `
domain: www.example.org
app:
  image: registry.example/shop:1.4.2
  env: { VERSION: 1.10, PHONE: 0123456789, DEBUG: True, MASK: 0o17, ID: 12345678901234567890, WHEN: 2026-11-30, YES: yes }
`;
  expect(parseConfig(text, 'test.yaml').app.env).toEqual({
    VERSION: '1.10',
    PHONE: '0123456789',
    DEBUG: 'True',
    MASK: '0o17',
    ID: '12345678901234567890',
    WHEN: '2026-11-30',
    YES: 'yes',
  });
});
