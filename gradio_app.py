"""The Gradio page, as Gradio users expect to start it: ``python gradio_app.py``."""

from apps.gradio.app import main

if __name__ == "__main__":
    main()
