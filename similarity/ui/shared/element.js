// Everything from data is set as text or as an attribute, never as HTML.

function element(parent, tag, name, text = "") {
  const node = document.createElement(tag);
  node.className = name;
  if (text) node.textContent = text;
  parent.append(node);
  return node;
}
