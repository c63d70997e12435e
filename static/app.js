// What HTML alone cannot do: "/" to search, copying a command, printing, closing the menu. Every page works without it.
(() => {
  document.addEventListener("click", async (event) => {
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      const source = document.querySelector(copy.dataset.copy);
      const said = copy.querySelector("[role=status]");
      try {
        await navigator.clipboard.writeText(source.textContent);
        said.textContent = "Copied";
      } catch {
        // Without HTTPS a browser gives no clipboard: mark the text, the rest is one key.
        getSelection().selectAllChildren(source);
        said.textContent = "Marked: press Ctrl+C";
      }
    }
    if (event.target.closest("[data-print]")) print();
    for (const menu of document.querySelectorAll("details[data-menu][open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.closest("input, textarea, select")) {
      event.preventDefault();
      document.querySelector("[data-search]")?.focus();
    }
    const menu = event.key === "Escape" && document.querySelector("details[data-menu][open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
})();
