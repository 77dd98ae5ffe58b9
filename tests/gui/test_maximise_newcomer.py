"""What a newcomer to the Maximise page is told: names of fields, where real music is, and that a sentence fits."""

from PySide6.QtWidgets import QLabel

from gui.theme import DARK
from gui.views.maximise_form import MaximiseForm, MaximiseWishes
from gui.views.ranking_view import RankedSetting, RankingView

SAID = "27 settings × 50 seeds on dense2, searched before: Enter takes one over"


def ranking(qtbot):
    view = RankingView()
    qtbot.addWidget(view)
    view.set_theme(DARK)
    view.resize(300, 500)
    view.show()
    qtbot.waitExposed(view)
    return view


def test_the_name_of_a_field_says_what_the_field_says(qtbot):
    form = MaximiseForm()
    qtbot.addWidget(form)
    for prior in ("gan", "input"):
        form.set_wishes(MaximiseWishes(prior=prior))
        names = [label for label in form.findChildren(QLabel) if label.buddy() is not None and label.text()]
        assert len(names) >= 10
        for label in names:
            assert label.toolTip() == label.buddy().toolTip()


def test_a_long_sentence_about_the_ranking_is_wrapped_and_whole(qtbot):
    view = ranking(qtbot)
    view.show_settings([RankedSetting(0.01, 0.1, 100, 51.0, 0.8, 0, "best")], SAID)
    assert view.said.text() == view.said.accessibleDescription() == SAID
    assert view.said.heightForWidth(300) > 1.5 * view.said.fontMetrics().height()
    view.say("")
    assert not view.said.isVisible()


def test_what_real_music_reaches_is_a_line_in_the_plot_until_other_settings_come(qtbot):
    view = ranking(qtbot)
    settings = [RankedSetting(0.01, 0.1, 100, 51.0, 0.8, 0, "best"), RankedSetting(0.01, 0.01, 500, 990.0, 6.7, 0, "")]
    view.show_settings(settings, SAID)
    assert not view.plot._real.isVisible()
    view.offer(1, "lr 0.01", 4.87)
    assert view.plot._real.isVisible()
    assert view.plot._real.value() == 4.87
    name = view.plot._real_name
    assert name.isVisible()
    assert view.plot.rect().contains(name.geometry())
    assert not name.geometry().intersects(view.plot._names[1].geometry())
    view.show_settings(settings, SAID)
    assert not view.plot._real.isVisible()
    assert not name.isVisible()
