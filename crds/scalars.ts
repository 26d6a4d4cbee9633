/** Plain scalars: what they are, and what others take them for. */

/** YAML 1.2 core schema, section 10.3.2. */
export function resolvePlain(text: string): unknown {
  if (/^(|~|null|Null|NULL)$/.test(text)) return null;
  if (/^(true|True|TRUE)$/.test(text)) return true;
  if (/^(false|False|FALSE)$/.test(text)) return false;
  if (
    /^[-+]?[0-9]+$/.test(text) ||
    /^0x[0-9a-fA-F]+$/.test(text) ||
    /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(text)
  ) {
    return Number(text);
  }
  return text;
}

/** What a plain scalar is to YAML 1.1, when YAML 1.2 reads it otherwise (yaml.org/type, the 1.1 types). */
export function yaml11Reading(text: string): string | undefined {
  if (/^(y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF)$/.test(text)) return 'a boolean';
  if (/^[-+]?0[0-9_]+$/.test(text) || /^0o[0-7]+$/.test(text)) return 'an octal number';
  if (/^[-+]?0b[01_]+$/.test(text)) return 'a binary number';
  if (/^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$/.test(text)) return 'a number in base 60';
  if (/^[-+]?(0x[0-9a-fA-F]*_[0-9a-fA-F_]*|[0-9][0-9_.]*_[0-9_.]*([eE][-+]?[0-9]+)?)$/.test(text)) return 'a number';
  if (/^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?$/.test(text)) return 'a date';
  return text === '=' ? 'a default value' : undefined;
}
