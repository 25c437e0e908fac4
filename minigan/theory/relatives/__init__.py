"""The relatives of GANs that section 2 of the paper names, small enough to check exactly.

adversarial      adversarial examples of a maxout classifier, and ascent of D
nce              noise-contrastive estimation
predictability   predictability minimisation
vae              a variational autoencoder, with the gradient of the ELBO
visible_units    GANs differentiate through visible units, VAEs through hidden ones
"""
