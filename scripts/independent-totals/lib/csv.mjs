// RFC 4180, with the first line as header. No third-party parser, so that a fault of one shows.
export function* csvRows(text) {
  const fields = records(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  const header = fields.next().value;
  for (const record of fields) {
    if (record.length === 1 && record[0] === '') continue;
    yield Object.fromEntries(header.map((name, i) => [name, record[i]]));
  }
}

function* records(text) {
  let record = [];
  let field = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c !== '"') field += c;
      else if (text[i + 1] === '"') {
        field += '"';
        i++;
      } else quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === ',') {
      record.push(field);
      field = '';
    } else if (c === '\n') {
      record.push(field.endsWith('\r') ? field.slice(0, -1) : field);
      yield record;
      record = [];
      field = '';
    } else field += c;
  }
  if (field !== '' || record.length > 0) yield [...record, field];
}
