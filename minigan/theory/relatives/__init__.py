"""The relatives of GANs that section 2 of the paper names, small enough to check exactly.

adversarial      adversarial examples of a maxout classifier, and ascent of D
nce              noise-contrastive estimation
predictability   predictability minimisation
rbm              restricted Boltzmann machines: Gibbs chains, CD and PCD
rbm_exact        log Z, the exact gradient and AIS for small ones
vae              a variational autoencoder, with the gradient of the ELBO
visible_units    GANs differentiate through visible units, VAEs through hidden ones
"""
