// Writes the ONNX model that is compared with: independent products of one input with quantised matrices, each a
// MatMulNBits of the domain com.microsoft. Field numbers are those of onnx.proto.

const FLOAT = 1, UINT8 = 2, INT = 2;

function varint(value) {
  const bytes = [];
  let rest = BigInt(value);
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest ? low | 128 : low);
  } while (rest);
  return Uint8Array.from(bytes);
}

const number = (field, value) => [varint(field << 3), varint(value)];
const bytes = (field, content) => [varint((field << 3) | 2), varint(content.length), content];
const text = (field, content) => bytes(field, new TextEncoder().encode(content));
const message = (field, parts) => bytes(field, joined(parts));

function joined(parts) {
  const flat = parts.flat(Infinity);
  const all = new Uint8Array(flat.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of flat) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function tensor(name, type, dims, content) {
  return message(5, [dims.map((dim) => number(1, dim)), number(2, type), text(8, name), bytes(9, content)]);
}

function value(field, name, dims) {
  const shape = message(2, dims.map((dim) => message(1, number(1, dim))));
  return message(field, [text(1, name), message(2, message(1, [number(1, FLOAT), shape]))]);
}

// `nMatrices` products [rows, nIn] x [nOut, nIn]; weights of `bits` bits in blocks of 32 with a scale each.
export function products({ bits, nOut, nIn, rows, nMatrices }) {
  const nBlocks = nIn / 32;
  const quants = new Uint8Array(nOut * nBlocks * 4 * bits);
  for (let i = 0; i < quants.length; i++) quants[i] = Math.imul(i, 2654435761) >>> 24;
  const scales = new Uint8Array(new Float32Array(nOut * nBlocks).fill(0.01).buffer);
  const attribute = (name, content) => message(5, [text(1, name), number(3, content), number(20, INT)]);
  const graph = [text(2, "products"), value(11, "x", [rows, nIn])];
  for (let i = 0; i < nMatrices; i++) {
    graph.push(
      message(1, [
        ["x", `w${i}`, `s${i}`].map((name) => text(1, name)),
        text(2, `y${i}`),
        text(4, "MatMulNBits"),
        attribute("K", nIn),
        attribute("N", nOut),
        attribute("bits", bits),
        attribute("block_size", 32),
        text(7, "com.microsoft"),
      ]),
      tensor(`w${i}`, UINT8, [nOut, nBlocks, 4 * bits], quants),
      tensor(`s${i}`, FLOAT, [nOut * nBlocks], scales),
      value(12, `y${i}`, [rows, nOut]),
    );
  }
  const domain = (name, version) => message(8, [text(1, name), number(2, version)]);
  return joined([number(1, 8), message(7, graph), domain("", 17), domain("com.microsoft", 1)]);
}
