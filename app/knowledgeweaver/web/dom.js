// Elements by id, and new ones. Text only ever becomes text, so nothing from a document is markup.

export const at = (id) => document.getElementById(id);

/** A new element. Properties that the element does not have become attributes. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export const plural = (count, one, many = `${one}s`) =>
  `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

/** US dollars; small sums keep the digits that say something. */
export const money = (usd) => (usd ? `US$ ${usd.toFixed(usd < 1 ? 4 : 2)}` : "nothing");
