"""What is made of finished runs: likelihoods, figures, the HTML report, Table 1."""
