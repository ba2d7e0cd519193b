// A worker: pictures in, JPEGs out, so that coding does not hold up the page.

const QUALITY = 0.85;
let canvas;

onmessage = async ({ data: { picture, sequence } }) => {
  canvas ??= new OffscreenCanvas(picture.width, picture.height);
  if (canvas.width !== picture.width || canvas.height !== picture.height) {
    canvas.width = picture.width;
    canvas.height = picture.height;
  }
  canvas.getContext("2d", { alpha: false }).drawImage(picture, 0, 0);
  picture.close();
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
  const jpeg = await blob.arrayBuffer();
  postMessage({ jpeg, sequence }, [jpeg]);
};
