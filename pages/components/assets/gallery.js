const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};

const label = (cell) => {
  const line = make("div", "label");
  const glyph = make("span", "", cell.glyph);
  glyph.style.color = cell.colour;
  line.append(glyph, make("span", "", cell.label));
  return line;
};

// The model's confidence, or what it said where a person says something else.
const confidence = (cell) => {
  if (cell.model) return make("div", "model", cell.model);
  const bar = make("div", "bar");
  const fill = make("div");
  fill.style.width = `${100 * cell.share}%`;
  fill.style.background = cell.colour;
  bar.append(fill);
  return bar;
};

const foot = (cell) => {
  const line = make("div", "foot");
  line.append(make("span", "", cell.confidence), make("span", cell.status, cell.note));
  return line;
};

const card = (cell, chosen, choose) => {
  const node = make("button", "cell");
  node.setAttribute("aria-pressed", String(cell.id === chosen));
  const told = [cell.label, cell.model || cell.confidence, cell.note].join(", ");
  node.title = `${cell.name}: ${told}`;
  const image = make("img");
  if (cell.jpeg) image.src = `data:image/jpeg;base64,${cell.jpeg}`; // else its alt text stands there
  image.alt = node.title;
  node.append(image, label(cell), confidence(cell), foot(cell));
  node.onclick = () => choose(cell.id);
  return node;
};

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".gallery");
  const choose = (id) => setTriggerValue("chosen", id);
  root.replaceChildren(
    ...data.groups.map((group) => {
      const section = make("section", "group");
      if (group.title) {
        const heading = make("h3", "", `${group.title} `);
        heading.append(make("span", "count", group.count));
        section.append(heading);
      }
      const cells = make("div", "cells");
      cells.append(...group.cells.map((cell) => card(cell, data.chosen, choose)));
      section.append(cells);
      return section;
    }),
  );
}
