// Ctrl+V anywhere on the page hands an image in; Gradio's own button needs HTTPS.
document.addEventListener("paste", async (event) => {
  const image = [...event.clipboardData.files].find((file) => file.type.startsWith("image/"));
  if (!image) return;
  const zone = document.querySelector(".zone");
  const input = () => zone.querySelector("input[type=file]");
  if (!input()) {
    zone.querySelector("[aria-label='Upload file']").click();
    await new Promise(requestAnimationFrame);
  }
  const files = new DataTransfer();
  files.items.add(image);
  input().files = files.files;
  input().dispatchEvent(new Event("change", { bubbles: true }));
});
