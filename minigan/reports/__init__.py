"""Results of finished runs: log-likelihoods, figures, the HTML report and Table 1."""
