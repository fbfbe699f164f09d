// Ctrl+V anywhere on the page hands a picture in; Gradio's own button needs HTTPS.
document.addEventListener("paste", async (event) => {
  const picture = [...event.clipboardData.files].find((file) => file.type.startsWith("image/"));
  if (!picture) return;
  const zone = document.querySelector(".zone");
  const input = () => zone.querySelector("input[type=file]");
  if (!input()) {
    zone.querySelector("[aria-label='Upload file']").click();
    await new Promise(requestAnimationFrame);
  }
  const files = new DataTransfer();
  files.items.add(picture);
  input().files = files.files;
  input().dispatchEvent(new Event("change", { bubbles: true }));
});
