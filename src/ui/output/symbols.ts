/** Whether box characters and the like can be shown: unless the locale has another encoding (locale(7)). */
function isUnicode(): boolean {
  const { LC_ALL, LC_CTYPE, LANG } = process.env;
  const locale = LC_ALL || LC_CTYPE || LANG;
  return !locale || /utf-?8/i.test(locale);
}

const unicode = {
  done: "✓",
  failed: "✗",
  dots: "·",
  ellipsis: "…",
  bar: "━",
  rest: "─",
  tee: "├─",
  end: "└─",
  pipe: "│",
  arrows: { link: "─▶", after: "╌▶", dns: "┈▶" },
  frames: ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
} as const;

const ascii = {
  done: "+",
  failed: "x",
  dots: ".",
  ellipsis: "~",
  bar: "=",
  rest: "-",
  tee: "|-",
  end: "`-",
  pipe: "|",
  arrows: { link: "->", after: "~>", dns: ".>" },
  frames: ["|", "/", "-", "\\"],
} as const;

/** Marks and signs that the locale can show. */
export function symbols(): typeof unicode | typeof ascii {
  return isUnicode() ? unicode : ascii;
}
