"""The relatives of GANs that section 2 of the paper names, small enough to check exactly.

adversarial      adversarial examples of a maxout classifier, and ascent of D
cae              contractive autoencoders and the chain that draws samples from them
dbn              a deep belief network: RBMs on top of each other
nce              noise-contrastive estimation
predictability   predictability minimisation
rbm              restricted Boltzmann machines: Gibbs chains, CD and PCD
rbm_exact        log Z, the exact gradient and AIS for small ones
vae              a variational autoencoder, with the gradient of the ELBO
visible_units    GANs differentiate through visible units, VAEs through hidden ones
"""
