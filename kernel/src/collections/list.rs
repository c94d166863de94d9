//! A list whose links are in its members, so that it needs no memory of its own.

use core::cell::Cell;

/// What a member has for each list that it may be in: the member after it.
pub struct ListLink<'a, T: 'a + ?Sized>(Cell<Option<&'a T>>);

impl<'a, T: ?Sized> ListLink<'a, T> {
    /// A link to nothing.
    pub const fn empty() -> Self {
        Self(Cell::new(None))
    }
}

/// What can be a member of a [`List`].
pub trait ListNode<'a, T: ?Sized> {
    /// The member's link. One member is in one list at most.
    fn next(&'a self) -> &'a ListLink<'a, T>;
}

/// A list of members that live somewhere else.
pub struct List<'a, T: 'a + ?Sized + ListNode<'a, T>> {
    head: ListLink<'a, T>,
}

impl<'a, T: ?Sized + ListNode<'a, T>> List<'a, T> {
    /// A list without a member.
    #[allow(clippy::new_without_default)] // Tock's shape
    pub const fn new() -> Self {
        Self {
            head: ListLink::empty(),
        }
    }

    /// The first member.
    pub fn head(&self) -> Option<&'a T> {
        self.head.0.get()
    }

    /// Makes `node` the first member. It must not be a member yet.
    pub fn push_head(&self, node: &'a T) {
        node.next().0.set(self.head());
        self.head.0.set(Some(node));
    }

    /// Makes `node` the last member. It must not be a member yet. Takes time in proportion to the members.
    pub fn push_tail(&self, node: &'a T) {
        node.next().0.set(None);
        let link = self.iter().last().map_or(&self.head, |last| last.next());
        link.0.set(Some(node));
    }

    /// Takes the first member out.
    pub fn pop_head(&self) -> Option<&'a T> {
        let node = self.head()?;
        self.head.0.set(node.next().0.get());
        Some(node)
    }

    /// The members, the first one first.
    pub fn iter(&self) -> ListIterator<'a, T> {
        ListIterator { next: self.head() }
    }
}

/// The members of a [`List`], one after the other.
pub struct ListIterator<'a, T: 'a + ?Sized + ListNode<'a, T>> {
    next: Option<&'a T>,
}

impl<'a, T: ?Sized + ListNode<'a, T>> Iterator for ListIterator<'a, T> {
    type Item = &'a T;

    fn next(&mut self) -> Option<&'a T> {
        let node = self.next?;
        self.next = node.next().0.get();
        Some(node)
    }
}
