import torch

from blazepose.nets.detector import depth_to_space, per_anchor


def test_depth_to_space_puts_channel_groups_into_rows_then_columns():
    x = torch.arange(8.0).reshape(1, 8, 1, 1)  # 2 channels in each of 2x2 places
    assert depth_to_space(x)[0].tolist() == [[[0, 2], [4, 6]], [[1, 3], [5, 7]]]


def test_anchors_are_listed_by_row_then_column_then_anchor():
    x = torch.zeros(1, 4, 2, 2)  # 2 anchors of 2 values
    x[0, 2:, 0, 1] = torch.tensor([7.0, 8.0])  # second anchor of the cell in row 0, column 1
    assert per_anchor(x, 2)[0, 3].tolist() == [7, 8]
