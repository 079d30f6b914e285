// Files reach the server by the page's own file upload, which checks their size.

export default function ({ parentElement }) {
  const root = parentElement.querySelector(".drop");
  if (!root.children.length) element(root, "p", "", "Drop the picture to search with it");
  root.watch?.abort(); // that of the run before
  const watch = (root.watch = new AbortController());
  const on = (name, handle) => document.addEventListener(name, handle, { signal: watch.signal });
  const isInside = ({ target }) => target.closest?.("[data-testid=stFileUploaderDropzone]");
  const hasFiles = ({ dataTransfer }) => [...(dataTransfer?.types ?? [])].includes("Files");

  const search = (files) => {
    const box = document.querySelector(".st-key-ways input[type=file]");
    if (!box || !files.length) return;
    const transfer = new DataTransfer();
    transfer.items.add(files[0]);
    box.files = transfer.files;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  };
  on("dragover", (event) => {
    if (!hasFiles(event)) return;
    root.classList.toggle("over", !isInside(event));
    if (!isInside(event)) event.preventDefault(); // the browser would open the file
  });
  on("dragleave", ({ relatedTarget }) => relatedTarget || root.classList.remove("over"));
  on("drop", (event) => {
    root.classList.remove("over");
    if (!hasFiles(event) || isInside(event)) return;
    event.preventDefault();
    search(event.dataTransfer.files);
  });
  on("paste", ({ clipboardData }) => {
    search([...(clipboardData?.files ?? [])].filter(({ type }) => type.startsWith("image/")));
  });
  return () => watch.abort();
}
