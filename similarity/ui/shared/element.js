// Everything that comes from data is set as text or as an attribute, never as HTML.

function element(parent, tag, name, text = "") {
  const made = document.createElement(tag);
  made.className = name;
  if (text) made.textContent = text;
  parent.append(made);
  return made;
}
