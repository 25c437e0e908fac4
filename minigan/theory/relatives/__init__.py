"""The relatives of GANs that section 2 of the paper names, small enough to check exactly.

nce              noise-contrastive estimation
predictability   predictability minimisation
"""
