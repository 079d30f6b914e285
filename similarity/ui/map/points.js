// Thousands of points, drawn by WebGL. A library that also draws axes, scales and legends takes ten
// times as long to highlight some of them.

const VERTEX = `#version 300 es
in vec2 place; in vec4 colour;
uniform vec4 view; uniform float size;
out vec4 fill;
void main() { gl_Position = vec4(place * view.xy + view.zw, 0, 1); gl_PointSize = size; fill = colour; }`;
const FRAGMENT = `#version 300 es
precision highp float;
in vec4 fill; uniform float size;
out vec4 shown;
void main() {
  float far = 2.0 * length(gl_PointCoord - 0.5);
  // a rim, which makes white points visible on white, and black ones on black
  float light = dot(fill.rgb, vec3(0.3, 0.6, 0.1));
  float extreme = max(smoothstep(0.75, 0.95, light), smoothstep(0.25, 0.1, light));
  vec3 rim = vec3(light > 0.5 ? 0.35 : 0.6);
  vec3 colour = mix(fill.rgb, rim, mix(0.5, 1.0, extreme) * smoothstep(mix(0.6, 0.4, extreme), 0.9, far));
  float alpha = fill.a * (1.0 - smoothstep(1.0 - 2.0 / size, 1.0, far));
  shown = vec4(colour * alpha, alpha);
}`;

// Return an object that draws points on a canvas, or null if the browser can't. `places` has x and
// y in turn, `colours` four bytes per point, `order` the points' numbers in drawing order, of which
// the last `lit` are larger.
function pointsOn(canvas) {
  // the buffer is kept because a printed page has no frame of its own
  const gl = canvas.getContext("webgl2", { antialias: false, preserveDrawingBuffer: true });
  if (!gl) return null;
  let program, buffers;

  function build() {
    program = gl.createProgram();
    for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) return false;
    gl.useProgram(program);
    buffers = {};
    for (const [name, size, kind] of [["place", 2, gl.FLOAT], ["colour", 4, gl.UNSIGNED_BYTE]]) {
      gl.bindBuffer(gl.ARRAY_BUFFER, (buffers[name] = gl.createBuffer()));
      const location = gl.getAttribLocation(program, name);
      gl.enableVertexAttribArray(location);
      gl.vertexAttribPointer(location, size, kind, kind === gl.UNSIGNED_BYTE, 0, 0);
    }
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    return true;
  }

  if (!build()) return null;
  let arrays = {};
  const put = {
    places(values) {
      arrays.places = values;
      gl.bindBuffer(gl.ARRAY_BUFFER, buffers.place);
      gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    },
    colours(values) {
      arrays.colours = values;
      gl.bindBuffer(gl.ARRAY_BUFFER, buffers.colour);
      gl.bufferData(gl.ARRAY_BUFFER, values, gl.DYNAMIC_DRAW);
    },
    order(values, lit) {
      Object.assign(arrays, { order: values, lit });
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, values, gl.DYNAMIC_DRAW);
    },
  };

  function draw(view, size) {
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform4f(gl.getUniformLocation(program, "view"), ...view);
    const dimCount = arrays.order.length - arrays.lit;
    for (const [start, count, scale] of [[0, dimCount, 1], [dimCount, arrays.lit, 1.4]]) {
      gl.uniform1f(gl.getUniformLocation(program, "size"), size * scale);
      gl.drawElements(gl.POINTS, count, gl.UNSIGNED_SHORT, 2 * start);
    }
  }

  // A browser may discard what was drawn if memory is short.
  function onLost(redraw) {
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    canvas.addEventListener("webglcontextrestored", () => {
      build();
      put.places(arrays.places);
      put.colours(arrays.colours);
      put.order(arrays.order, arrays.lit);
      redraw();
    });
  }

  return { ...put, draw, onLost };
}
