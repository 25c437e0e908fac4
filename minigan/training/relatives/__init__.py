"""Runs that train a relative of GANs instead of G and D: a DBN, a stacked CAE or a GSN.

experiment      the model with its data, draws and state, as the trainer needs it
building        the model of a recipe, and its arrays by name
loading         the model of a run folder, and its samples
model           the protocol of a model
stacked         what DBN and CAE share: layers, trained from the bottom to the top
size            the memory and the operations of a run
dbn, cae, gsn   one update of each, and its samples
"""
