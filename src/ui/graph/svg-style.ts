/** Colours of the groups: the class `c0` has the first. */
export const hues = ["#0969da", "#1a7f37", "#bf3989", "#9a6700", "#8250df", "#0a7ea4"];

const groups = hues
  .map((hue, index) => `.c${index} rect{fill:${hue};stroke:${hue}}.c${index} text{fill:${hue}}`)
  .join("");

/** The style of the picture. The last rules apply where the reader prefers dark. */
export const svgStyle = `
text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace}
.heading{font-size:15px;font-weight:600;fill:#1f2328}
.name{font-size:14px;font-weight:600;fill:#1f2328}
.small,.label{font-size:12px;fill:#59636e}
.label{font-size:11px}
.needs{font-size:12px;fill:#9a6700}
.box rect{fill:#ffffff;stroke:#8c959f;stroke-width:1.2}
.quiet rect{stroke-dasharray:5 4}
.group rect{fill-opacity:.09;stroke-opacity:.3}
.group text{font-size:12px;font-weight:600}
${groups}
.edge{fill:none;stroke-width:1.5}
.edge.link{stroke:#0969da}.head.link{fill:#0969da}
.edge.after{stroke:#8250df;stroke-dasharray:6 4}.head.after{fill:#8250df}
.edge.dns{stroke:#8c959f;stroke-dasharray:2 4;stroke-opacity:.8}.head.dns{fill:#8c959f}
@media (prefers-color-scheme:dark){
.heading,.name{fill:#e6edf3}
.small,.label{fill:#9198a1}
.needs{fill:#d29922}
.box rect{fill:#161b22;stroke:#656c76}
.group rect{fill-opacity:.16;stroke-opacity:.5}
.group text{fill:#c9d1d9}
.edge.link{stroke:#4493f8}.head.link{fill:#4493f8}
.edge.after{stroke:#ab7df8}.head.after{fill:#ab7df8}
}
`;
