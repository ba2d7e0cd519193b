"""File formats that networks can be written in; libraries are loaded by `export` alone."""

EXPORTS = {
    "onnx": ".onnx",
    "openvino": ".xml",
    "tflite": ".tflite",
    "coreml": ".mlpackage",
    "task": ".task",
}
"""Names and the suffix of their files. A task holds two networks, the others one."""
