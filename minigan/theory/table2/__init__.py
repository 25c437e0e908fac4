"""The measures of Table 2: what each difficulty of training, inference and sampling amounts to.

autocorrelation     how many independent draws a Markov chain is worth
contrastive         the direction of CD-1 against that of the exact gradient of an RBM
detailed_balance    changes of an RBM after which its Gibbs chain no longer samples from p
elbo_gap            log p(x) - ELBO of a VAE, by quadrature
jacobian_sampler    the chain of a CAE, for any encoder
mean_field          the KL divergence of mean field from the exact posterior of a small DBM
parzen_bias         the Parzen estimate against a known density, in d dimensions
parzen_line         the Parzen estimate against the exact p_g of a G on the line
walks               the chain of a GSN: mixing, reconstruction, and completion of a half

`minigan.reports.table2` trains the models and makes the table.
"""
