"""What can be typed after `python3 manage.py`."""
