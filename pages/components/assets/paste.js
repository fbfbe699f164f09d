export default function ({ data, setTriggerValue }) {
  const paste = (event) => {
    const items = [...(event.clipboardData?.items ?? [])];
    const file = items.find((item) => item.type.startsWith("image/"))?.getAsFile();
    if (!file || file.size > data.most) return;
    const reader = new FileReader();
    reader.onload = () => setTriggerValue("pasted", reader.result.split(",", 2)[1]);
    reader.readAsDataURL(file);
  };
  document.addEventListener("paste", paste);
  return () => document.removeEventListener("paste", paste);
}
