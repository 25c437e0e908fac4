"""Results of finished runs: log-likelihoods, figures, the HTML report, and Tables 1 and 2."""
