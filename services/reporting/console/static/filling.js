// Forms are sent once, and an import is followed. Without this file both work, with a click more or a page loaded anew.
"use strict";

for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", () => setTimeout(() => form.querySelectorAll("button").forEach((one) => (one.disabled = true))));
}
// A page brought back from the browser's memory can be sent again: its key makes sure that nothing is done twice.
addEventListener("pageshow", () => document.querySelectorAll("form[data-once] button").forEach((one) => (one.disabled = false)));

document.querySelector("[aria-invalid], [role=alert]")?.scrollIntoView({ block: "center" });
(document.querySelector("[aria-invalid]") ?? document.getElementById("why"))?.focus({ preventScroll: true });

async function follow() {
  const shown = document.getElementById("import");
  if (shown?.dataset.underway !== "true") return;
  try {
    const answer = await fetch(location.href);
    if (answer.redirected || answer.status === 401) return location.reload();
    if (answer.ok) {
      const next = new DOMParser().parseFromString(await answer.text(), "text/html");
      shown.replaceWith(next.getElementById("import"));
      document.title = next.title;
    }
  } catch {
    // the next look will tell
  }
  setTimeout(follow, 1000);
}
follow();
