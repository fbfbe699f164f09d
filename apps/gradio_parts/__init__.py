"""The Gradio page, in parts that ``apps.gradio_app`` puts together."""
