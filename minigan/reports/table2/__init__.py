"""Table 2 of the paper with a measured number in each cell: `minigan reproduce table2`.

adversarial       the cells of adversarial models
autoencoders      the cells of generative autoencoders
cells             rows, columns and words of the table, and what measures each cell
directed          the cells of deep directed models
measured          one measured number with its unit
names             the names of rows and columns
models            the trained models, each trained when its first cell needs it
reproduce         measure the cells that the record lacks
undirected        the cells of deep undirected models
"""
