// The day slider, redrawn in place. Without this file the form beside it does the same with a button.
"use strict";

const form = document.getElementById("slider");
const state = document.getElementById("state");

function dayAt(offset) {
  const day = new Date(form.dataset.first + "T00:00:00Z");
  day.setUTCDate(day.getUTCDate() + offset);
  return day.toISOString().slice(0, 10);
}

function offsetOf(day) {
  return Math.round((Date.parse(day) - Date.parse(form.dataset.first)) / 86400000);
}

function address(day) {
  const page = new URL(location.href);
  for (const name of ["shown", "day", "first"]) page.searchParams.delete(name);
  page.searchParams.set("on", day);
  return page;
}

let asking = null;

async function show(day) {
  asking?.abort();
  asking = new AbortController();
  const wanted = new URL(form.dataset.state, location.href);
  wanted.searchParams.set("on", day);
  state.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(wanted, { signal: asking.signal });
    if (answer.redirected || !answer.ok) return location.assign(address(day));
    state.innerHTML = await answer.text();
    form.elements.shown.value = day;
    form.elements.day.setAttribute("aria-valuetext", state.querySelector("[data-words]").dataset.words);
    history.replaceState(null, "", address(day));
    state.removeAttribute("aria-busy");
  } catch (stopped) {
    if (stopped.name !== "AbortError") location.assign(address(day));
  }
}

function place(day) {
  const marker = form.querySelector(".strip .shown");
  const share = (100 * offsetOf(day)) / Math.max(Number(form.elements.day.max), 1) + "%";
  marker.setAttribute("x1", share);
  marker.setAttribute("x2", share);
}

if (form && state) {
  const { day: slide, on: written } = form.elements;
  let rest = 0;
  const soon = (day) => {
    clearTimeout(rest);
    rest = setTimeout(show, 120, day);
  };
  slide.addEventListener("input", () => {
    written.value = dayAt(Number(slide.value));
    place(written.value);
    soon(written.value);
  });
  written.addEventListener("change", () => {
    if (!written.validity.valid || !written.value) return;
    slide.value = offsetOf(written.value);
    place(written.value);
    soon(written.value);
  });
  form.addEventListener("submit", (event) => {
    if (form.elements.known_on.value !== form.elements.known_on.defaultValue) return; // another page, not only another day
    event.preventDefault();
    if (written.value) show(written.value);
  });
}
