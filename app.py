"""What `streamlit run app.py` starts: the pages of main.py, plus the routes that their views ask."""

import streamlit as st

from playground.descent import routes as descent
from playground.live import wire

app = st.App("main.py", routes=[*wire.routes(), *descent.routes()], lifespan=wire.lifespan)
