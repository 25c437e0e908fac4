"use strict";
// Draws the frames of the recorded games. Every number on the page is a recorded one.
const recorded = JSON.parse(document.getElementById("recorded").textContent);
const settings = document.getElementById("settings");
const slider = document.getElementById("slider");
const play = document.getElementById("play");
const LEFT = 30, RIGHT = 630, FLOOR = 280, CEILING = 0; // of the curves, in the picture
const UPPER = 310, LOWER = 390; // the lines of x and z
let game = recorded.games[0];
let timer = null;

const across = (x) => LEFT + (x - recorded.left) / (recorded.right - recorded.left) * (RIGHT - LEFT);
const up = (thousandths) => {
  const y = Math.min(thousandths / 1000, recorded.top);
  return FLOOR - y / recorded.top * (FLOOR - CEILING);
};

// A line through the values at the bin centres; a value that is not defined interrupts it.
function curve(values) {
  const width = (recorded.right - recorded.left) / values.length;
  let pen = "M";
  return values.map((value, i) => {
    if (value === null) { pen = "M"; return ""; }
    const point = `${pen}${across(recorded.left + (i + 0.5) * width).toFixed(1)} ${up(value).toFixed(1)}`;
    pen = "L";
    return point;
  }).join("");
}

// An arrow from each of the evenly spaced z to x = G(z).
function arrows(hundredths) {
  return hundredths.map((value, i) => {
    const from = LEFT + (0.04 + 0.92 * i / (hundredths.length - 1)) * (RIGHT - LEFT);
    const to = Math.min(Math.max(across(value / 100), -20), 660);
    const length = Math.hypot(to - from, UPPER - LOWER);
    const [dx, dy] = [(to - from) / length * 7, (UPPER - LOWER) / length * 7];
    const head = [[-dx - dy * 0.35, -dy + dx * 0.35], [-dx + dy * 0.35, -dy - dx * 0.35]];
    const lines = head.map(([x, y]) => `M${to.toFixed(1)} ${UPPER}l${x.toFixed(1)} ${y.toFixed(1)}`);
    return `M${from.toFixed(1)} ${LOWER}L${to.toFixed(1)} ${UPPER}${lines.join("")}`;
  }).join("");
}

function show() {
  const frame = game.frames[Number(slider.value)];
  for (const name of ["p_g", "D", "D_star"]) {
    document.getElementById(name).setAttribute("d", curve(frame[name]));
  }
  document.getElementById("arrows").setAttribute("d", arrows(frame.x));
  for (const name of ["t", "V", "C", "JSD", "distance", "D_Gz"]) {
    document.getElementById(`number-${name}`).textContent = frame[name];
  }
  const last = Number(slider.value) === game.frames.length - 1;
  document.getElementById("failed").textContent = last ? game.failed : "";
  slider.setAttribute("aria-valuetext", `iteration ${frame.t}, JSD ${frame.JSD} nats`);
}

function move(index) {
  slider.value = Math.min(Math.max(index, 0), game.frames.length - 1);
  show();
}

// The game with the chosen settings, at the same frame if it has one.
function choose() {
  const chosen = [...settings.querySelectorAll("input:checked")];
  const has = (one, { name, value }) => one[name] === recorded.games[value][name];
  game = recorded.games.find((one) => chosen.every((input) => has(one, input)));
  const index = Number(slider.value);
  slider.max = game.frames.length - 1;
  move(index);
}

function stop() {
  clearInterval(timer);
  timer = null;
  play.textContent = "Play";
}

function next() {
  const index = Number(slider.value);
  if (index >= game.frames.length - 1) stop(); else move(index + 1);
}

function toggle() {
  if (timer) return stop();
  if (Number(slider.value) === game.frames.length - 1) move(0);
  timer = setInterval(next, 150);
  play.textContent = "Stop";
}

settings.addEventListener("change", choose);
slider.addEventListener("input", () => { stop(); show(); });
play.addEventListener("click", toggle);
document.addEventListener("keydown", (event) => {
  if (["INPUT", "BUTTON"].includes(event.target.tagName) || event.ctrlKey || event.altKey || event.metaKey) return;
  const index = Number(slider.value);
  const to = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: game.frames.length - 1 }[event.key];
  if (to === undefined && event.key !== " ") return;
  event.preventDefault();
  if (event.key === " ") return toggle();
  stop();
  move(to);
});
document.getElementById("p_data").setAttribute("d", curve(recorded.p_data));
choose();
