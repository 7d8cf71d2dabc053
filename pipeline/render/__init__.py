"""Reports for people: the pull request's comment, the HTML page, SARIF. Functions without I/O."""
