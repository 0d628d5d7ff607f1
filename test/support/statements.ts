// A file of SQL as statements: no comment, and no semicolon but at an end.

export function splitStatements(sql: string): string[] {
  return sql
    .replaceAll(/--.*$/gm, '')
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
