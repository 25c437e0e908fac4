"use strict";
// A chart shows the values of the point nearest to the pointer. Arrow keys select the next point.
for (const picture of document.querySelectorAll(".curve svg")) {
  const points = JSON.parse(picture.dataset.points); // for each point: [x, text, y of each line]
  const readout = picture.parentElement.querySelector("output");
  const upright = picture.querySelector("path.cursor");
  const dots = picture.querySelectorAll("circle.cursor");
  let at = points.length - 1;

  const show = (i) => {
    at = Math.min(Math.max(i, 0), points.length - 1);
    const [x, text, ...heights] = points[at];
    readout.textContent = text;
    upright.setAttribute("transform", `translate(${x} 0)`);
    dots.forEach((dot, line) => {
      dot.setAttribute("cx", x);
      dot.setAttribute("cy", heights[line] ?? -99); // without a value, the dot is outside the chart
    });
    picture.classList.add("pointed");
  };
  const point = (event) => {
    const box = picture.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width * picture.viewBox.baseVal.width;
    const distances = points.map((one) => Math.abs(one[0] - x));
    show(distances.indexOf(Math.min(...distances)));
  };
  picture.addEventListener("pointermove", point);
  picture.addEventListener("pointerdown", point);
  picture.addEventListener("focus", () => show(at));
  picture.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -points.length, End: points.length }[event.key];
    if (step) {
      event.preventDefault();
      show(at + step);
    }
  });
  for (const type of ["pointerleave", "blur"]) {
    picture.addEventListener(type, (event) => {
      if (event.pointerType === "touch") return; // keep the readout after a touch
      at = points.length - 1;
      readout.textContent = points[at][1];
      picture.classList.remove("pointed");
    });
  }
}

// The slider selects a sample sheet. Play shows all sheets once, one after the other.
const controls = document.getElementById("controls");
if (controls) {
  const sheets = document.querySelectorAll(".sheet");
  const slider = document.getElementById("slider");
  const play = document.getElementById("play");
  let timer = null;

  const show = () => {
    sheets.forEach((sheet, i) => { sheet.hidden = i !== Number(slider.value); });
    slider.setAttribute("aria-valuetext", sheets[slider.value].textContent);
  };
  const stop = () => {
    clearInterval(timer);
    timer = null;
    play.textContent = "Play";
  };
  const next = () => {
    if (Number(slider.value) === sheets.length - 1) return stop();
    slider.value = Number(slider.value) + 1;
    show();
  };
  slider.addEventListener("input", () => { stop(); show(); });
  play.addEventListener("click", () => {
    if (timer) return stop();
    if (Number(slider.value) === sheets.length - 1) slider.value = 0;
    show();
    timer = setInterval(next, 250);
    play.textContent = "Stop";
  });
  show();
  controls.hidden = false;
}
