"""What is run by hand is not collected."""

collect_ignore = ["campaign.py", "guided.py"]
